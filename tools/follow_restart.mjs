// Follows a channel by many clients and publishes to it all the while, until its input ends: then it says what they have
// seen of a restart in between. It fails if a connection was refused, or if a client has missed an event, has got one
// twice or was told of a gap.
//
//   follow_restart.mjs URL TOKEN [CLIENTS]
import { setTimeout as pass } from 'node:timers/promises';

const [, , url, token, clients = '50'] = process.argv;
const channel = `${url}/channels/restart`;
const seen = { events: 0, streams: 0, refused: 0, cut: 0, gaps: 0, twice: 0, missing: 0 };
let published = 0;
let isOver = false;
process.stdin.resume().once('end', () => { isOver = true; });

function failed(error) {
  seen[error.cause?.code === 'ECONNREFUSED' ? 'refused' : 'cut'] += 1;
}

async function post(data, type = '') {
  const headers = { Authorization: `Bearer ${token}`, 'Idempotency-Key': data };
  try {
    return (await fetch(channel + type, { method: 'POST', headers, body: data })).ok;
  } catch (error) {
    failed(error);
    return false;
  }
}

async function publish() {
  while (!isOver) {
    if (await post(String(published + 1))) published += 1;
    await pass(10);
  }
  while (!await post('end', '?event=end')) await pass(10);
}

// The client's state is its last event's number and id; the blocks of a stream are told apart by blank lines.
function take(block, client) {
  const field = (name) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1];
  client.id = field('id') ?? client.id;
  if (field('event') === 'gap') seen.gaps += 1;
  if (field('event') === 'end') client.isDone = true;
  if (field('event') !== undefined || field('data') === undefined) return;
  const number = Number(field('data'));
  seen.events += 1;
  if (number <= client.number) seen.twice += 1;
  seen.missing += Math.max(0, number - client.number - 1);
  client.number = number;
}

async function follow() {
  const client = { id: undefined, number: 0, isDone: false };
  while (!client.isDone) {
    try {
      const headers = client.id === undefined ? {} : { 'Last-Event-ID': client.id };
      const { body } = await fetch(channel, { headers });
      seen.streams += 1;
      let text = '';
      for await (const bytes of body.pipeThrough(new TextDecoderStream())) {
        const blocks = (text + bytes).split('\n\n');
        text = blocks.pop();
        for (const block of blocks) take(block, client);
        if (client.isDone) break;
      }
    } catch (error) {
      failed(error);
    }
    await pass(Math.random() * 200);
  }
}

await Promise.all([publish(), ...Array.from({ length: Number(clients) }, follow)]);
console.log(JSON.stringify({ clients: Number(clients), published, ...seen }));
process.exit(seen.refused + seen.gaps + seen.twice + seen.missing === 0 && seen.events === published * clients ? 0 : 1);
