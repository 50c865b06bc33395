"""Stands for a server of language models on this machine: it speaks OpenAI's API and says what a test has it say.

    python3 model_server.py PORT_FILE ANSWER_FILE

It writes its port to PORT_FILE once it listens, and answers each question with the text of ANSWER_FILE, in two parts.
"""

import json
import pathlib
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

port_file, answer_file = map(pathlib.Path, sys.argv[1:])


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        # It is no Ollama, and knows nothing of what only that is asked.
        self.send_error(404)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        answer = answer_file.read_text()
        half = len(answer) // 2
        for part in [{"delta": {"content": answer[:half]}}, {"delta": {"content": answer[half:]}}]:
            self.say(json.dumps({"choices": [part]}))
        self.say(json.dumps({"choices": [{"delta": {}, "finish_reason": "stop"}]}))
        self.say("[DONE]")

    def say(self, data):
        self.wfile.write(f"data: {data}\n\n".encode())
        self.wfile.flush()

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
unfinished = port_file.with_suffix(".unfinished")
unfinished.write_text(str(server.server_port))
unfinished.rename(port_file)
server.serve_forever()
