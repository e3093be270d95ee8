/** How clients of AWS are made: the usual chain finds credentials and region (AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL; cli.md section 9). */
export type AwsConfig = {
  readonly region: string
  /** For another address than AWS's own, as in tests; S3 is then asked by path. */
  readonly endpoint?: string
}

export function clientConfig({region, endpoint}: AwsConfig): {region: string; endpoint?: string; maxAttempts: number} {
  return {region, maxAttempts: 4, ...(endpoint === undefined ? {} : {endpoint})}
}
