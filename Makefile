.PHONY: run test generate check fuzz

run: ## Run the site.
	go run ./cmd/seewire

test: ## Run the tests.
	go test ./...

generate: ## Write the templ code again after a change to a .templ file.
	go tool templ fmt cmd/seewire/internal/view
	go tool templ generate

fuzz: ## Look for input that breaks a parser, or costs too much: a minute each.
	for target in HTTP1 HTTP2 SSE WebSocket JSON Conversation; do \
		go test ./playground/dissect/protocols -run '^$$' -fuzz "^Fuzz$$target\$$" -fuzztime 60s -fuzzminimizetime 20x || exit 1; \
	done
	go test ./playground/tlsrecord -run '^$$' -fuzz '^FuzzOpen$$' -fuzztime 60s -fuzzminimizetime 20x
	go test ./playground/dissect/coding -run '^$$' -fuzz '^FuzzInflater$$' -fuzztime 60s -fuzzminimizetime 20x
	for target in Import Cost Written; do \
		go test ./playground/export -run '^$$' -fuzz "^Fuzz$$target\$$" -fuzztime 60s -fuzzminimizetime 20x || exit 1; \
	done

check: ## Everything that CI checks.
	bash .ci/run
