export type UserDataOptions = {
  readonly pool: string
  readonly region: string
  readonly bucket: string
  readonly role: string
  /** SHA-256 of the program that hosts run, in hex; it lies in the bucket below `programs/`. */
  readonly program: string
  /** Another address than AWS's own. */
  readonly endpoint?: string
  /** sshd answers on the host itself alone, where sessions of SSM come from. */
  readonly hasLocalSsh: boolean
}

/**
 * What a machine does at its first boot: closes the metadata service to dynos, installs the engine (Amazon Linux 2023, Ubuntu,
 * Debian), fetches our program by its hash, and lets it join the pool. May run again at any time.
 */
export function renderUserData({pool, region, bucket, role, program, endpoint, hasLocalSsh}: UserDataOptions): string {
  const origin = endpoint === undefined ? `https://${bucket}.s3.${region}.amazonaws.com` : `${endpoint}/${bucket}`
  return `#!/bin/bash
set -euo pipefail
exec >>/var/log/homeport-boot.log 2>&1
umask 022
install_packages() {
  if command -v dnf >/dev/null; then dnf -y -q install "$@"; else
    apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"; fi
}
command -v nft >/dev/null || install_packages nftables
command -v dockerd >/dev/null || { command -v dnf >/dev/null && install_packages docker || install_packages docker.io; }

# Dynos never see the metadata service, and with it the rights of the host: what comes in from any network is dropped.
mkdir -p /etc/homeport /opt/homeport /var/lib/homeport
cat >/etc/homeport/metadata.nft <<'NFT'
table inet homeport
delete table inet homeport
table inet homeport {
  chain closed {
    type filter hook prerouting priority -300;
    iifname != "lo" ip daddr 169.254.169.254 drop
    iifname != "lo" ip6 daddr fd00:ec2::254 drop
  }
}
NFT
cat >/etc/systemd/system/homeport-metadata.service <<'UNIT'
[Unit]
Before=docker.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'exec nft -f /etc/homeport/metadata.nft'
[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable -q --now homeport-metadata.service
${hasLocalSsh ? localSsh : ''}
systemctl enable -q --now docker

# Our program, by its hash.
if ! echo '${program}  /opt/homeport/homeport' | sha256sum -c --status 2>/dev/null; then
  metadata=http://169.254.169.254/latest
  token=$(curl -fsS --connect-timeout 3 --retry 20 --retry-connrefused --retry-delay 1 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' $metadata/api/token)
  rights=$(curl -fsS --connect-timeout 3 --retry 20 --retry-delay 1 -H "X-aws-ec2-metadata-token: $token" $metadata/meta-data/iam/security-credentials/${role})
  field() { sed -n "s/.*\\"$1\\" *: *\\"\\([^\\"]*\\)\\".*/\\1/p" <<<"$rights" | head -1; }
  # Not in the process list: keys are read from a file that only root may read.
  ( umask 077; printf 'user = "%s:%s"\\nheader = "x-amz-security-token: %s"\\n' "$(field AccessKeyId)" "$(field SecretAccessKey)" "$(field Token)" >/etc/homeport/curl )
  curl -fsS --retry 10 --retry-all-errors --aws-sigv4 'aws:amz:${region}:s3' -K /etc/homeport/curl -o /opt/homeport/homeport.part '${origin}/programs/${program}'
  rm -f /etc/homeport/curl
  echo '${program}  /opt/homeport/homeport.part' | sha256sum -c --quiet
  chmod 755 /opt/homeport/homeport.part
  mv /opt/homeport/homeport.part /opt/homeport/homeport
fi

export HOMEPORT_HOME=/var/lib/homeport/home AWS_REGION='${region}'${endpoint === undefined ? '' : ` AWS_ENDPOINT_URL='${endpoint}'`}
exec /opt/homeport/homeport __pool-host join '${pool}' '${bucket}'
`
}

const localSsh = `id homeport >/dev/null 2>&1 || useradd --create-home --shell /bin/bash homeport
getent group docker >/dev/null || groupadd docker
usermod -aG docker homeport
mkdir -p /etc/ssh/sshd_config.d
printf 'ListenAddress 127.0.0.1\\nPasswordAuthentication no\\nPermitRootLogin no\\n' >/etc/ssh/sshd_config.d/10-homeport.conf
systemctl restart sshd 2>/dev/null || systemctl restart ssh`
