import type {AwsSettings} from '../../platform/pool/open-pool.ts'

/** Region, endpoint and connection as the usual variables of AWS give them (cli.md section 9); never flags. */
export function awsSettings(env: Readonly<Record<string, string | undefined>> = process.env): AwsSettings {
  const text = (name: string) => (env[name] === undefined || env[name] === '' ? undefined : env[name])
  return {
    region: text('AWS_REGION') ?? text('AWS_DEFAULT_REGION'),
    endpoint: text('AWS_ENDPOINT_URL'),
    sshConfig: text('HOMEPORT_POOL_SSH_CONFIG'),
  }
}
