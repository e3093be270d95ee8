import {expect, test} from 'vitest'
import {awsError} from '../../../../src/engines/cloud/aws/aws-error.ts'
import {HomeportError} from '../../../../src/model/error.ts'

const fault = (name: string, message = '', more: object = {}) => Object.assign(new Error(message), {name, ...more})

test.for<[Error, string, string]>([
  [fault('CredentialsProviderError', 'Could not load'), 'CREDENTIALS_MISSING', 'no valid AWS credentials to read the pool'],
  [fault('ExpiredToken'), 'CREDENTIALS_MISSING', 'ExpiredToken'],
  [
    fault('AccessDenied', 'User: x is not authorized to perform: s3:GetObject on resource: y'),
    'RIGHT_MISSING',
    'may not read the pool: the right s3:GetObject is missing.',
  ],
  [
    fault('UnauthorizedOperation', 'You are not authorized to perform this operation: ec2:RunInstances'),
    'RIGHT_MISSING',
    'the right ec2:RunInstances',
  ],
  [fault('RequestTimeTooSkewed'), 'TARGET_FAILED', 'clock'],
  [fault('PermanentRedirect'), 'TARGET_FAILED', 'region'],
  [fault('BucketAlreadyExists'), 'TARGET_FAILED', 'Somebody else owns a bucket'],
  [fault('VcpuLimitExceeded'), 'TARGET_FAILED', 'no room'],
  [fault('Error', 'getaddrinfo', {code: 'ENOTFOUND'}), 'POOL_UNREACHABLE', 'cannot be reached to read the pool (ENOTFOUND)'],
  [fault('TimeoutError'), 'POOL_UNREACHABLE', 'TimeoutError'],
  [fault('Error', 'Region is missing'), 'TARGET_FAILED', 'No AWS region'],
  [fault('SomethingNew', 'said so', {$metadata: {httpStatusCode: 400}}), 'TARGET_FAILED', 'SomethingNew'],
])('%s becomes %s: %s', ([error, code, text]) => {
  expect(awsError(error, 'read the pool')).toMatchObject({
    code,
    exitCode: 7,
    message: expect.stringContaining(text),
    hint: expect.any(String),
  })
})

test('what is no answer of AWS flies as it is', () => {
  const bug = new TypeError('x is undefined')
  expect(awsError(bug, 'x')).toBe(bug)
  const known = new HomeportError('POOL_UNKNOWN', 'x')
  expect(awsError(known, 'x')).toBe(known)
})
