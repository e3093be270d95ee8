import {randomBytes} from 'node:crypto'
import {readFileSync} from 'node:fs'
import {createServer} from 'node:http'

/** `imds.ts FILE`: a stand-in for the metadata service of EC2, version 2 only, inside the network namespace of one host. */
const [file = ''] = process.argv.slice(2)
const tokens = new Map<string, number>()

createServer((request, response) => {
  const end = (status: number, body = '') => response.writeHead(status).end(body)
  if (request.method === 'PUT' && request.url === '/latest/api/token') {
    if (request.headers['x-forwarded-for'] !== undefined) return end(403)
    const seconds = Number(request.headers['x-aws-ec2-metadata-token-ttl-seconds'])
    if (!(seconds >= 1 && seconds <= 21_600)) return end(400)
    const token = randomBytes(24).toString('base64')
    tokens.set(token, Date.now() + seconds * 1000)
    return end(200, token)
  }
  if ((tokens.get(String(request.headers['x-aws-ec2-metadata-token'])) ?? 0) < Date.now()) return end(401)
  const facts = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly id: string
    readonly address: string
    readonly zone: string
    readonly role: string
  }
  const rights = {
    Code: 'Success',
    Type: 'AWS-HMAC',
    AccessKeyId: 'AKIAROLE',
    SecretAccessKey: 'rolesecret',
    Token: 'roletoken',
    LastUpdated: new Date().toISOString(),
    Expiration: new Date(Date.now() + 3_600_000).toISOString(),
  }
  const answers: Readonly<Record<string, string>> = {
    'instance-id': facts.id,
    'local-ipv4': facts.address,
    'placement/availability-zone': facts.zone,
    'iam/security-credentials': facts.role,
    [`iam/security-credentials/${facts.role}`]: JSON.stringify(rights),
  }
  const name = (request.url ?? '').replace(/^\/latest\/meta-data\//, '').replace(/\/$/, '')
  const answer = answers[name]
  return answer === undefined ? end(404) : end(200, answer)
}).listen(80, '169.254.169.254')
