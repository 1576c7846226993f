# The commands of this project. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help run test bench fuzz

SECONDS ?= 600

help: ## List the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

run: ## Build the pages and the program and start it on embedded defaults
	cargo run --release --locked --bin teleconsultation

test: ## Run everything that CI runs, and install what that needs
	./tests/run

bench: ## Run the benchmarks
	./bench/run

fuzz: ## Run every fuzz target for SECONDS (600) each
	./fuzz/run $(SECONDS)
