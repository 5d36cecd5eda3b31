#!/bin/bash
# nginx with nchan as their documents advise for one core's worth of subscribers: one worker, messages in memory, or in the
# Redis at a port of this machine, no access log. `nginx_nchan.sh FOLDER [REDIS_PORT]`: keeps everything else in FOLDER,
# prints where it listens and becomes nginx.
set -euo pipefail

readonly folder=$1 redis_port=${2:-}
module=
for place in /usr/lib/nginx/modules /usr/lib64/nginx/modules; do
  [[ -e $place/ngx_nchan_module.so ]] && module=$place/ngx_nchan_module.so
done
[[ -n $module ]] || { echo "nchan is missing: apt-get install libnginx-mod-nchan" >&2; exit 1; }

port=$("${BASH_SOURCE%/*}/free_port.sh")
upstream='' pass=''
if [[ -n $redis_port ]]; then
  upstream="upstream redis { nchan_redis_server redis://127.0.0.1:$redis_port; }"
  pass='nchan_redis_pass redis;'
fi

cat > "$folder/nginx.conf" << CONF
load_module $module;
worker_processes 1;            # as the floor and ours: one thread that serves
pid $folder/nginx.pid;
error_log $folder/error.log warn;
daemon off;
events {
  worker_connections 25000;    # some go to nchan itself; the limit of descriptors is below
  multi_accept on;
}
http {
  access_log off;
  tcp_nodelay on;
  client_body_temp_path $folder/body;
  proxy_temp_path $folder/proxy;
  fastcgi_temp_path $folder/fastcgi;
  uwsgi_temp_path $folder/uwsgi;
  scgi_temp_path $folder/scgi;
  keepalive_requests 1000000;  # the publisher stays on one connection
  client_body_in_single_buffer on;
  nchan_shared_memory_size 128m;
  $upstream
  server {
    listen ${TIDINGS_BENCH_HOST:-127.0.0.1}:$port backlog=4096;
    location = /channels/load {
      nchan_pubsub eventsource;
      nchan_publisher http;
      nchan_channel_id load;
      $pass
      nchan_message_buffer_length 1000;  # as many as ours keeps
      nchan_message_timeout 1h;
      nchan_subscriber_first_message newest;
      nchan_subscriber_timeout 0;
      nchan_eventsource_ping_interval 15;  # ours sends a heartbeat as often
    }
  }
}
CONF
nginx -t -q -p "$folder" -c "$folder/nginx.conf" -e "$folder/error.log" || exit 1
echo "nginx is at http://localhost:$port"
exec nginx -p "$folder" -c "$folder/nginx.conf" -e "$folder/error.log"
