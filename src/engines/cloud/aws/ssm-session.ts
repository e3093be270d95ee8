import type {Aws} from './aws.ts'
import {atAws} from './aws-error.ts'

/** What `session-manager-plugin` is started with, to be the way of one ssh connection. */
export type SsmSession = {readonly args: readonly string[]}

/** Opens a session to sshd on the loopback of an instance: no port of it is open to anybody. */
export async function startSshSession(aws: Aws, instance: string): Promise<SsmSession> {
  const {StartSessionCommand} = await import('@aws-sdk/client-ssm')
  const client = await aws.ssm()
  const request = {Target: instance, DocumentName: 'AWS-StartSSHSession', Parameters: {portNumber: ['22']}}
  const {SessionId, TokenValue, StreamUrl} = await atAws(`connect to ${instance}`, () => client.send(new StartSessionCommand(request)))
  const session = JSON.stringify({SessionId, TokenValue, StreamUrl})
  return {args: [session, aws.region, 'StartSession', '', JSON.stringify(request), `https://ssm.${aws.region}.amazonaws.com`]}
}

/** Lets a public key in for a minute (EC2 Instance Connect). */
export async function sendPublicKey(
  aws: Aws,
  {instance, user, publicKey}: {readonly instance: string; readonly user: string; readonly publicKey: string},
): Promise<void> {
  const {EC2InstanceConnectClient, SendSSHPublicKeyCommand} = await import('@aws-sdk/client-ec2-instance-connect')
  const client = new EC2InstanceConnectClient({region: aws.region})
  const request = {InstanceId: instance, InstanceOSUser: user, SSHPublicKey: publicKey}
  await atAws(`log in to ${instance}`, () => client.send(new SendSSHPublicKeyCommand(request)))
}
