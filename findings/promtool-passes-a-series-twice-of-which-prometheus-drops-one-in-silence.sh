#!/bin/bash
# What `promtool check metrics` and Prometheus say to metrics in which a series is there twice, with two values.
#
# Version:   promtool and Prometheus 2.42.0 (Debian's prometheus 2.42.0+ds-5+deb12u1).
# Expected:  promtool refuses it, as it refuses a second HELP; and Prometheus says that it has dropped a sample: it has a
#            counter for that, prometheus_target_scrapes_sample_duplicate_timestamp_total.
# Behaviour: promtool has nothing to say, and nothing to a histogram whose buckets fall and whose count is another than that
#            of +Inf either. Prometheus keeps the first value and drops the second, in the same scrape, without a line in its
#            log and with all its counters at 0; the target is up.
# Way out:   look for a series twice in a test of one's own (tests/prometheus/checks.mjs).
# Output seen:
#   promtool, a series twice: exit code 0, says nothing
#   promtool, buckets that fall: exit code 0, says nothing
#   promtool, a second HELP: exit code 1, says something
#   Prometheus, a series twice: up 1, value 1, counted as dropped: 0, warnings in its log: 0
set -euo pipefail

folder=$(mktemp -d)
started=()
trap '{ kill -9 "${started[@]}" || true; wait || true; rm -rf -- "$folder"; } 2> /dev/null' EXIT
cd -- "$folder"

apt-get install --yes --no-install-recommends --no-upgrade -qq curl python3 > /dev/null 2>&1
apt-get download -qq prometheus=2.42.0+ds-5+deb12u1 > /dev/null 2>&1
dpkg-deb --extract prometheus_*.deb root

mkdir site
printf '# HELP a_total A.\n# TYPE a_total counter\na_total{x="y"} 1\na_total{x="y"} 2\n' > site/metrics
printf '# HELP b B.\n# TYPE b histogram\nb_bucket{le="1"} 5\nb_bucket{le="+Inf"} 3\nb_sum 1\nb_count 9\n' > falls
printf '# HELP a_total A.\n# TYPE a_total counter\na_total 1\n# HELP a_total A.\n' > helps

check() { # WHAT FILE
  local code=0 said
  said=$(root/usr/bin/promtool check metrics < "$2" 2>&1) || code=$?
  echo "promtool, $1: exit code $code, says $([[ -n $said ]] && echo something || echo nothing)"
}
check "a series twice" site/metrics
check "buckets that fall" falls
check "a second HELP" helps

python3 -u -m http.server --bind 127.0.0.1 --directory site 0 > served 2>&1 &
started+=($!)
until port=$(grep -oP 'port \K\d+' served); do sleep 0.1; done
cat > prometheus.yml << END
scrape_configs: [{ job_name: j, scrape_interval: 250ms, static_configs: [{ targets: ["127.0.0.1:$port"] }] }]
END
root/usr/bin/prometheus --config.file=prometheus.yml --storage.tsdb.path=data --web.listen-address=127.0.0.1:0 > /dev/null 2> log &
started+=($!)
until address=$(grep -oP 'msg="Listening on" address=\K\S+' log); do sleep 0.1; done

value() { # EXPRESSION
  curl -sG "http://$address/api/v1/query" --data-urlencode "query=$1" | grep -oP '"value":\[[^,]+,"\K[^"]+'
}
until value up > /dev/null; do sleep 0.2; done
sleep 1
dropped=$(curl -s "http://$address/metrics" | awk '/^prometheus_.*(duplicate_timestamp|out_of_order)/ { sum += $2 } END { print sum }')
echo "Prometheus, a series twice: up $(value up), value $(value a_total), counted as dropped: $dropped, warnings in its log:" \
  "$(grep -cE 'level=(warn|error)' log || true)"
