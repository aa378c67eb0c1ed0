#!/bin/sh
# The guest's first process: mounts, devices, network, then the command in /ordi/run; then off.
# Console on ttyS0; what the command prints on ttyS1; its exit status on ttyS2.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/ LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm /run /tmp
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /dev/shm
stty -F /dev/ttyS1 raw -echo
stty -F /dev/ttyS2 raw -echo
hostname bench

/lib/systemd/systemd-udevd --daemon --resolve-names=never
udevadm trigger --type=subsystems --action=add
udevadm trigger --type=devices --action=add
udevadm settle --timeout=60

ip link set lo up
for card in /sys/class/net/e*; do
    [ -e "$card" ] || continue
    card=$(basename "$card")
    ip link set "$card" up
    ip address add 10.0.2.15/24 dev "$card"
    ip route add default via 10.0.2.2
    break
done

echo "ordi: the guest is up after $(cut -d' ' -f1 /proc/uptime) s"
cd /ordi
sh -eu /ordi/run >/dev/ttyS1 2>&1 </dev/null
status=$?
echo "ordi: the command ended with $status after $(cut -d' ' -f1 /proc/uptime) s"
sync
stty -F /dev/ttyS1 -echo # waits until what was written is out
echo "$status" >/dev/ttyS2
echo o >/proc/sysrq-trigger
sleep 60
