module vtlab

go 1.19
