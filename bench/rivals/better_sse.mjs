// better-sse as its guide shows it: a session for each subscriber, all registered with one channel that broadcasts;
// and a clock at /events, a timer for each session.
import http from 'node:http';
import {createChannel, createSession} from 'better-sse';

const channel = createChannel();
let sequence = 0;

const nextSecond = () => Math.floor(Date.now() / 1000) * 1000 + 1000;

function tick(session, due) {
  session.state.timer = setTimeout(() => {
    session.push(new Date(due).toISOString(), 'message', `${due / 1000}`);
    tick(session, due + 1000);
  }, due - Date.now());
}

const server = http.createServer(async (request, response) => {
  if (request.method === 'POST') {
    let data = '';
    request.setEncoding('utf8');
    request.on('data', (piece) => (data += piece));
    request.on('end', () => {
      sequence += 1;
      channel.broadcast(data, 'message', {eventId: `${sequence}`});
      const body = `{"id":"${sequence}"}\n`;
      response.writeHead(200, {'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body)});
      response.end(body);
    });
    return;
  }
  // The data is text already: JSON would only put quotes around it and cost the library time.
  const session = await createSession(request, response, {serializer: (data) => data});
  if (request.url.startsWith('/events')) {
    tick(session, nextSecond());
    session.on('disconnected', () => clearTimeout(session.state.timer));
  } else {
    channel.register(session);
  }
});
// A backlog as deep as the others': node's own is 511.
server.listen({port: 0, host: process.env.TIDINGS_BENCH_HOST ?? '127.0.0.1', backlog: 4096}, () => {
  console.log(`better-sse is at http://localhost:${server.address().port}`);
});
process.on('SIGTERM', () => process.exit(0));
