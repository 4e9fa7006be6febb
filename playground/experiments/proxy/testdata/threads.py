# A server with a thread for each request, and with as many threads as the argument
# says. It prints what it accepts, and what a thread begins and ends.

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        print("begins", self.path, flush=True)
        try:  # the client may leave before the head has left
            self.send_response(200)
            if self.path == "/picture":
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                self.send_header("Content-Type", "text/event-stream")
                self.end_headers()
                while True:
                    self.wfile.write(b": a heartbeat\n\n")
                    time.sleep(0.02)
        except OSError:
            pass
        print("ends", self.path, flush=True)

    def log_message(self, *args):
        pass


class Pool(HTTPServer):
    def __init__(self, threads):
        super().__init__(("127.0.0.1", 0), Handler)
        self.threads = ThreadPoolExecutor(threads)

    def process_request(self, request, client_address):
        print("accepts", flush=True)
        self.threads.submit(self.serve, request, client_address)

    def serve(self, request, client_address):
        self.finish_request(request, client_address)
        self.shutdown_request(request)


server = Pool(int(sys.argv[1]))
print("127.0.0.1:%d" % server.server_port, flush=True)
server.serve_forever()
