#!/usr/bin/env bash
# start-swift.sh RUN_FOLDER: starts OpenStack Swift with its S3 interface on loopback, one replica, one disk.
# Writes to the folder: endpoint, pids, log/, and Swift's own etc/ and disk/.
# Access key test:tester, secret key swift-test-secret, region us-east-1; path-style addresses.
name=swift
. "$(dirname "$0")/common.sh"
install
prepare "${1:?run folder}"
read -r proxy_port account_port container_port object_port <<<"$(free_ports 4)"
mkdir -p "$run/etc" "$run/disk/d1" "$run/recon"
cd "$run/etc"

printf '[swift-hash]\nswift_hash_path_prefix = test\nswift_hash_path_suffix = test\n' >swift.conf
printf '[storage-policy:0]\nname = single\ndefault = yes\n' >>swift.conf

# Creates one backend: its ring, which names the disk, and its configuration.
backend() {
    local kind=$1 port=$2
    {
        "$bin/swift-ring-builder" "$kind.builder" create 2 1 0
        "$bin/swift-ring-builder" "$kind.builder" add "r1z1-127.0.0.1:$port/d1" 1
        "$bin/swift-ring-builder" "$kind.builder" rebalance
    } >"$run/log/ring-$kind" 2>&1
    cat >"$kind.conf" <<C
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $port
workers = 0
user = $(id -un)
swift_dir = $run/etc
devices = $run/disk
mount_check = false
recon_cache_path = $run/recon
[pipeline:main]
pipeline = $kind-server
[app:$kind-server]
use = egg:swift#$kind
fallocate_reserve = 0
C
}
backend account "$account_port"
backend container "$container_port"
backend object "$object_port"

cat >proxy.conf <<C
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $proxy_port
workers = 0
user = $(id -un)
swift_dir = $run/etc
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache listing_formats bulk s3api tempauth slo dlo versioned_writes symlink proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
dns_compliant_bucket_names = true
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = swift-test-secret .admin
[filter:cache]
use = egg:swift#memcache
# No memcache runs: Swift works without it, and looks for it on a port where nothing listens.
memcache_servers = 127.0.0.1:1
[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_versioned_writes = true
C
for filter in catch_errors gatekeeper healthcheck listing_formats bulk slo dlo symlink; do
    printf '[filter:%s]\nuse = egg:swift#%s\n' "$filter" "$filter" >>proxy.conf
done

for kind in account container object proxy; do
    launch "$kind" "$bin/swift-$kind-server" "$run/etc/$kind.conf" -v
done
endpoint=http://127.0.0.1:$proxy_port
# Until the others are up, the proxy would respond with 503.
for port in "$account_port" "$container_port" "$object_port"; do await "http://127.0.0.1:$port/"; done
await "$endpoint/healthcheck"
echo "$endpoint" >"$run/endpoint"
echo "$endpoint"
