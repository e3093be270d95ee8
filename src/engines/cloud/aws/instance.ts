/** Who this machine is, as the metadata service of EC2 says (version 2 only). */
export type InstanceFacts = {readonly id: string; readonly address: string; readonly zone: string}

const service = 'http://169.254.169.254/latest'
const answerMs = 2_000

/** Rejects when this is no machine of EC2. */
export async function readInstance(): Promise<InstanceFacts> {
  const signal = () => AbortSignal.timeout(answerMs)
  const headers = {'x-aws-ec2-metadata-token-ttl-seconds': '60'}
  const answer = await fetch(`${service}/api/token`, {method: 'PUT', headers, signal: signal()})
  const token = await answer.text()
  const read = async (name: string) => {
    const response = await fetch(`${service}/meta-data/${name}`, {headers: {'x-aws-ec2-metadata-token': token}, signal: signal()})
    if (!response.ok) throw new Error(`The metadata service answers ${response.status} for ${name}.`)
    return (await response.text()).trim()
  }
  return {id: await read('instance-id'), address: await read('local-ipv4'), zone: await read('placement/availability-zone')}
}
