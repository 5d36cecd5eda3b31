// node's http as its users write a broadcast: the responses in a Set, each event encoded once and written to all; and a
// clock at /events, a timer for each client.
import http from 'node:http';

const subscribers = new Set();
let sequence = 0;

const nextSecond = () => Math.floor(Date.now() / 1000) * 1000 + 1000;

function tick(response, due) {
  response.timer = setTimeout(() => {
    response.write(`id: ${due / 1000}\ndata: ${new Date(due).toISOString()}\n\n`);
    tick(response, due + 1000);
  }, due - Date.now());
}

const server = http.createServer((request, response) => {
  if (request.method === 'POST') {
    let data = '';
    request.setEncoding('utf8');
    request.on('data', (piece) => (data += piece));
    request.on('end', () => {
      sequence += 1;
      const event = Buffer.from(`id: ${sequence}\ndata: ${data}\n\n`);
      for (const subscriber of subscribers) subscriber.write(event);
      const body = `{"id":"${sequence}"}\n`;
      response.writeHead(200, {'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body)});
      response.end(body);
    });
    return;
  }
  response.writeHead(200, {'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache'});
  response.write(':\n\n');
  if (request.url.startsWith('/events')) {
    tick(response, nextSecond());
    response.on('close', () => clearTimeout(response.timer));
    return;
  }
  subscribers.add(response);
  response.on('close', () => subscribers.delete(response));
});
// A backlog as deep as the others': node's own is 511.
server.listen({port: 0, host: process.env.TIDINGS_BENCH_HOST ?? '127.0.0.1', backlog: 4096}, () => {
  console.log(`node is at http://localhost:${server.address().port}`);
});
process.on('SIGTERM', () => process.exit(0));
