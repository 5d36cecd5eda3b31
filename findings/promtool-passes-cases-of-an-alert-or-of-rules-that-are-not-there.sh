#!/bin/bash
# What `promtool test rules` says to a case in which an alert must not fire that is in no file of rules, and to a file of
# rules that is not there.
#
# Version:   promtool 2.42.0 (Debian's prometheus 2.42.0+ds-5+deb12u1).
# Expected:  an error: a name that was misspelled, or a file that was moved, is a test that tests nothing.
# Behaviour: both are a SUCCESS with exit code 0; of the file there is a warning on standard error. So a case with
#            `exp_alerts: []` passes for ever once its alert was renamed.
# Way out:   for each alert also a case in which it fires; and a look at the names, and at warnings, beside promtool
#            (tests/prometheus/checks.mjs).
# Output seen:
#   the alert as it is called: FAILED, exit code 1
#   a name that no alert has: SUCCESS, exit code 0
#   a file that is not there: SUCCESS, exit code 0, warning: WARNING: no file match pattern moved.yml
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf -- "$folder"' EXIT
cd -- "$folder"

apt-get download -qq prometheus=2.42.0+ds-5+deb12u1 > /dev/null 2>&1
dpkg-deb --extract prometheus_*.deb root

cat > rules.yml << 'END'
groups: [{ name: g, rules: [{ alert: Down, expr: up == 0 }] }]
END

ask() { # WHAT FILE ALERT
  local code=0
  cat > test.yml << END
rule_files: [$2]
tests:
  - interval: 15s
    input_series: [{ series: up, values: 0x20 }]
    alert_rule_test: [{ alertname: $3, eval_time: 2m, exp_alerts: [] }]
END
  root/usr/bin/promtool test rules test.yml > said 2> errors || code=$?
  echo "$1: $(cat said errors | grep -o 'SUCCESS\|FAILED' | head -1), exit code $code$(sed -n 's/.*WARNING/, warning: WARNING/p' errors)"
}

ask "the alert as it is called" rules.yml Down
ask "a name that no alert has" rules.yml Dwon
ask "a file that is not there" moved.yml Down
