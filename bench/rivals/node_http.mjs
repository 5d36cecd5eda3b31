// node's http as its users write a broadcast: the responses in a Set, each event encoded once and written to all.
import http from 'node:http';

const subscribers = new Set();
let sequence = 0;

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
  subscribers.add(response);
  response.on('close', () => subscribers.delete(response));
});
// A backlog as deep as the others': node's own is 511.
server.listen({port: 0, host: '127.0.0.1', backlog: 4096}, () => {
  console.log(`node is at http://localhost:${server.address().port}`);
});
process.on('SIGTERM', () => process.exit(0));
