<?php
// Symfony's EventSourceHttpClient, as its documentation has it, in a loop, since it takes the end of a stream for the last of
// it. What it tells is a line of JSON each.
require_once 'Symfony/Component/HttpClient/autoload.php';

use Symfony\Component\HttpClient\Chunk\ServerSentEvent;
use Symfony\Component\HttpClient\EventSourceHttpClient;
use Symfony\Component\HttpClient\HttpClient;

function tell(array $what): void {
    fwrite(STDOUT, json_encode($what, JSON_UNESCAPED_UNICODE) . "\n");
}

$client = new EventSourceHttpClient(HttpClient::create());
$source = $client->connect($argv[1]);
while ($source) {
    foreach ($client->stream($source, 2) as $response => $chunk) {
        if ($chunk->isTimeout()) {
            continue;
        }
        if ($chunk->isLast()) {
            tell(['ended' => 'the last chunk']);
            return;
        }
        if ($chunk instanceof ServerSentEvent && $chunk->getType() === 'message') {
            tell(['event' => $chunk->getData()]);
        }
    }
}
