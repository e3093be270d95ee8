import {spawn} from 'node:child_process'
import {Aws} from '../../engines/cloud/aws/aws.ts'
import {startSshSession} from '../../engines/cloud/aws/ssm-session.ts'
import {awsSettings} from './aws-settings.ts'

/** The hidden command that ssh has as its way to a host: `__ssm-proxy INSTANCE`. */
export async function ssmProxy([instance = '']: readonly string[]): Promise<boolean> {
  const aws = await Aws.open(awsSettings())
  const {args} = await startSshSession(aws, instance)
  const child = spawn('session-manager-plugin', [...args], {stdio: 'inherit'})
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', exitCode => resolve(exitCode ?? 1))
  })
  process.exit(code)
}
