# Built from source to one static binary on an empty base.
#
#   docker build -t seewire .
#   docker run --rm -p 8080-8082:8080-8082 -p 8443:8443 seewire

FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY LICENSE module.go ./
COPY bus ./bus
COPY check ./check
COPY class ./class
COPY cmd ./cmd
COPY content ./content
COPY lessons ./lessons
COPY playground ./playground
COPY static ./static
COPY watch ./watch
RUN CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /seewire ./cmd/seewire

FROM scratch
COPY --from=build /seewire /seewire
USER 65532:65532
EXPOSE 8080 8081 8082 8443
# An empty image has no curl: the program asks itself.
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s CMD ["/seewire", "-health", "-addr", "127.0.0.1:8080"]
ENTRYPOINT ["/seewire", "-open=false", "-addr", ":8080", "-origins", ":8081,:8082"]
