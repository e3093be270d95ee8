import {HomeportError} from '../../../model/error.ts'

type AwsFault = Error & {readonly Code?: string; readonly $metadata?: {readonly httpStatusCode?: number}; readonly code?: string}

const byName: Readonly<Record<string, (fault: AwsFault, doing: string) => HomeportError>> = {
  CredentialsProviderError: noCredentials,
  ExpiredToken: noCredentials,
  ExpiredTokenException: noCredentials,
  InvalidClientTokenId: noCredentials,
  InvalidAccessKeyId: noCredentials,
  SignatureDoesNotMatch: noCredentials,
  UnrecognizedClientException: noCredentials,
  AccessDenied: rightMissing,
  AccessDeniedException: rightMissing,
  UnauthorizedOperation: rightMissing,
  AuthorizationError: rightMissing,
  RequestTimeTooSkewed: clockWrong,
  RequestExpired: clockWrong,
  InvalidSignatureException: clockWrong,
  AuthorizationHeaderMalformed: regionWrong,
  PermanentRedirect: regionWrong,
  IllegalLocationConstraintException: regionWrong,
  OptInRequired: regionWrong,
  BucketAlreadyExists: bucketTaken,
  VcpuLimitExceeded: quotaReached,
  InstanceLimitExceeded: quotaReached,
  ResourceLimitExceeded: quotaReached,
  LimitExceeded: quotaReached,
  LimitExceededException: quotaReached,
  InsufficientInstanceCapacity: quotaReached,
}

const networkCodes = new Set([
  'ENOTFOUND',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'EPIPE',
  'TimeoutError',
])

/**
 * What a call to AWS that failed means to the user, with `doing` as in “create the bucket homeport-demo”; all else flies as it is.
 * No text holds a key, a token or a config value.
 */
export function awsError(error: unknown, doing: string): unknown {
  if (!(error instanceof Error) || error instanceof HomeportError) return error
  const fault = error as AwsFault
  const known = byName[fault.name] ?? byName[fault.Code ?? '']
  if (known !== undefined) return known(fault, doing)
  if (fault.name === 'ConfigError' || /region is missing/i.test(fault.message)) {
    return new HomeportError('TARGET_FAILED', `No AWS region is set, so Homeport cannot ${doing}.`, {
      hint: 'Set AWS_REGION, or a region in your AWS profile.',
      cause: error,
    })
  }
  if (networkCodes.has(fault.code ?? fault.name)) {
    return new HomeportError('POOL_UNREACHABLE', `AWS cannot be reached to ${doing} (${fault.code ?? fault.name}).`, {
      hint: 'Check the network, AWS_REGION and AWS_ENDPOINT_URL, then run the same command again: it goes on where it stopped.',
      cause: error,
    })
  }
  if (fault.$metadata === undefined) return error
  return new HomeportError('TARGET_FAILED', `AWS refused to ${doing}: ${fault.name}.`, {hint: fault.message.slice(0, 300), cause: error})
}

/** Does something at AWS; what fails is told in the user's words. */
export async function atAws<T>(doing: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    throw awsError(error, doing)
  }
}

function noCredentials(fault: AwsFault, doing: string): HomeportError {
  return new HomeportError('CREDENTIALS_MISSING', `There are no valid AWS credentials to ${doing} (${fault.name}).`, {
    hint: 'Log in (`aws sso login`), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    cause: fault,
  })
}

function rightMissing(fault: AwsFault, doing: string): HomeportError {
  const action = /(?:perform|operation)[:\s]+([a-z0-9-]+:[A-Za-z]+)/.exec(fault.message)?.[1]
  return new HomeportError(
    'RIGHT_MISSING',
    `Your AWS user may not ${doing}${action === undefined ? '' : `: the right ${action} is missing`}.`,
    {
      hint: 'See what each role needs with `homeport pool:policy NAME --role release` (read, release or admin).',
      cause: fault,
    },
  )
}

function clockWrong(fault: AwsFault, doing: string): HomeportError {
  return new HomeportError('TARGET_FAILED', `The clock of this machine is too far from that of AWS to ${doing}.`, {
    hint: 'Set the clock (`timedatectl set-ntp true`), then try again.',
    cause: fault,
  })
}

function regionWrong(fault: AwsFault, doing: string): HomeportError {
  return new HomeportError('TARGET_FAILED', `The AWS region is the wrong one to ${doing}.`, {
    hint: 'Set AWS_REGION to the region of the pool.',
    cause: fault,
  })
}

function bucketTaken(fault: AwsFault, doing: string): HomeportError {
  return new HomeportError('TARGET_FAILED', `Somebody else owns a bucket of that name, so Homeport cannot ${doing}.`, {
    hint: 'Choose another name for the pool.',
    cause: fault,
  })
}

function quotaReached(fault: AwsFault, doing: string): HomeportError {
  return new HomeportError('TARGET_FAILED', `AWS has no room to ${doing}: ${fault.name}.`, {
    hint: 'Ask for a higher quota in the AWS console (Service Quotas), or take a smaller --size or another --type; then run the same command again.',
    cause: fault,
  })
}
