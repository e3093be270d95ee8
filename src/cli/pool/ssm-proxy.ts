import {spawn} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {Aws} from '../../engines/cloud/aws/aws.ts'
import {sendPublicKey, startSshSession} from '../../engines/cloud/aws/ssm-session.ts'
import {hostUser} from '../../platform/pool/pool-connections.ts'
import {awsSettings} from './aws-settings.ts'

/**
 * The hidden command that ssh has as its way to a host: `__ssm-proxy INSTANCE PUBLIC_KEY_FILE`. The key is let in here, for this very
 * connection: a deploy may open another one long after the minute of the first key, and hosts that nobody talks to are not asked.
 */
export async function ssmProxy([instance = '', publicKeyFile = '']: readonly string[]): Promise<boolean> {
  const aws = await Aws.open(awsSettings())
  await sendPublicKey(aws, {instance, user: hostUser, publicKey: readFileSync(publicKeyFile, 'utf8')})
  const {args} = await startSshSession(aws, instance)
  const child = spawn('session-manager-plugin', [...args], {stdio: 'inherit'})
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', exitCode => resolve(exitCode ?? 1))
  })
  process.exit(code)
}
