#!/bin/sh
# Run by mmdebstrap when the guest's packages are in place: $1 is its root, $2 where to leave the kernel.
# The kernel's package is unpacked, not installed, and only the modules named below (and what they need) are kept.
set -eu
root="$1"
result="$2"
modules="ahci sd_mod sr_mod nvme usb-storage uas xhci-pci ehci-pci virtio_pci virtio_net virtio_blk e1000 loop
    ext4 vfat nls_ascii nls_cp437 isofs qemu_fw_cfg dm-mod algif_skcipher battery ac i6300esb"

export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG"
kernel=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9][^ ]*\)$/\1/p' | head -1)
version=${kernel#linux-image-}
unpacked="$root/tmp/kernel"
mkdir -p "$unpacked"
(cd "$root/tmp" && apt-get download -q -o APT::Sandbox::User=root "$kernel")
dpkg-deb --extract "$root"/tmp/linux-image-*.deb "$unpacked"
cp "$unpacked/boot/vmlinuz-$version" "$result"

mkdir -p "$root/usr/lib/modules"
mv "$unpacked/lib/modules/$version" "$root/usr/lib/modules/$version"
chroot "$root" depmod "$version"
kept="$root/tmp/kept"
for module in $modules; do
    chroot "$root" modprobe --set-version "$version" --show-depends "$module"
done | sed -n 's/^insmod \(.*\.ko\).*/\1/p' | sort -u >"$kept"
grep -q /ahci.ko "$kept"
find "$root/usr/lib/modules/$version" -name '*.ko' | while read -r file; do
    grep -q -x -F "${file#"$root"/usr}" "$kept" || rm -f "$file"
done
chroot "$root" depmod "$version"
rm -rf "$root"/tmp/* "$root"/var/cache/apt "$root"/var/lib/apt "$root"/var/log/* \
    "$root"/usr/share/doc "$root"/usr/share/man "$root"/usr/share/locale "$root"/usr/share/perl* \
    "$root"/usr/lib/x86_64-linux-gnu/gconv "$root"/usr/lib/x86_64-linux-gnu/perl* "$root"/usr/share/i18n \
    "$root"/usr/lib/udev/hwdb.bin "$root"/usr/lib/udev/hwdb.d "$root"/usr/share/zoneinfo \
    "$root"/var/lib/dpkg/info "$root"/usr/share/info "$root"/usr/lib/python3*/test
