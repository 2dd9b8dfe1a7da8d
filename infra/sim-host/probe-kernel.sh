#!/bin/sh
# Tries, in a network namespace that is gone afterwards, what links and walls are made with: the commands of
# sim-host/links/host-traces.ts and the matches of sim-host/walls/firewall-rules.ts. Prints one line for each, and fails if one does.
set -u
if [ "${1:-}" != inside ]; then exec unshare --net "$0" inside; fi

failed=0
try() { # try <what> <command...>
  what=$1
  shift
  if reason=$("$@" 2>&1); then
    echo "ok       $what"
  else
    echo "missing  $what: $(echo "$reason" | head -n 1)"
    failed=1
  fi
}

try "virtual Ethernet pairs" ip link add kp0 type veth peer name kp1
try "/dev/net/tun" ip tuntap add kt0 mode tap
try "clsact" tc qdisc replace dev kp0 clsact
try "u32 and mirred" tc filter replace dev kp0 egress protocol all pref 1 handle 800::800 u32 match u32 0 0 \
  action mirred egress redirect dev kt0
for table in mangle filter; do
  try "iptables, $table, conntrack" iptables -w 5 -t "$table" -A FORWARD -i "ks+" -m conntrack --ctstate RELATED,ESTABLISHED \
    --ctorigdst 10.111.0.0/16 --ctdir REPLY -j RETURN
  try "iptables, $table, physdev" iptables -w 5 -t "$table" -A FORWARD -i "ks+" -o "ks+" -m physdev --physdev-is-bridged -j RETURN
  if [ -e /proc/net/if_inet6 ]; then
    try "ip6tables, $table" ip6tables -w 5 -t "$table" -A FORWARD -i "ks+" -j DROP
  fi
done
try "nsenter" nsenter --net=/proc/self/ns/net -- ip -j link show
try "setpriv" setpriv --no-new-privs --inh-caps=-all --bounding-set=-all,+setuid,+setgid -- true
exit "$failed"
