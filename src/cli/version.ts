import packageJson from '../../package.json' with {type: 'json'}

/** `0.1.0` */
export const version: string = packageJson.version

/** What this program is and runs on. */
export function versionFacts(): {readonly version: string; readonly platform: string; readonly node: string} {
  return {version, platform: `${process.platform}-${process.arch}`, node: process.version}
}

/** What `--version` prints: `homeport/0.1.0 linux-x64 node-v24.21.0`. */
export function renderVersion(): string {
  const {platform, node} = versionFacts()
  return `homeport/${version} ${platform} node-${node}`
}
