.PHONY: run test generate check

run: ## Run the site.
	go run ./cmd/seewire

test: ## Run the tests.
	go test ./...

generate: ## Write the templ code again after a change to a .templ file.
	go tool templ fmt cmd/seewire/internal/view
	go tool templ generate

check: ## Everything that CI checks.
	bash .ci/run
