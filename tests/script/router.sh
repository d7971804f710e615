# A configuration as users write it.
#!/bin/sh
LAN=eth0
WAN=eth1
NET=10.1.0

rec ip link set $LAN up
rec ip addr add $NET.1/24 dev $LAN        # inside
rec ip addr add 192.0.2.2/30 dev "$WAN"
rec ip route add default via 192.0.2.1 2>/dev/null || true

for i in 10 20 30; do
    rec ip link add link $LAN name $LAN.$i type vlan id $i
    rec ip addr add 10.$i.0.1/24 dev $LAN.$i
done

rec sysctl -w net.ipv4.ip_forward=1 >/dev/null
emit 1 > $T.rp_filter

recin nft -f - <<EOF
table inet fw {
    chain forward {
        type filter hook forward priority 0; policy drop;
        ct state established,related accept
        iifname "$LAN" oifname { "$WAN", "lo" } accept
    }
}
EOF

rec tc qdisc add dev $WAN root cake bandwidth 100mbit nat \
    docsis ack-filter
rec nft add rule inet fw input tcp dport '{ 22, 80 }' accept
rec nft add chain inet nat post { type nat hook postrouting priority 100 \; }
rec iperf3 -c $NET.2 -P 4 && rec ping -c 1 $NET.2 || rec echo "unreachable: $?"
exit 0
