module bench-runtimes

go 1.19
