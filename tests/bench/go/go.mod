module vtlab/bench

go 1.19
