export const poolRoles = ['host', 'read', 'release', 'admin'] as const
export type PoolRole = (typeof poolRoles)[number]

export type PolicyStatement = {
  readonly Sid: string
  readonly Effect: 'Allow' | 'Deny'
  readonly Action: readonly string[]
  readonly Resource: readonly string[]
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
}

export type Policy = {readonly Version: '2012-10-17'; readonly Statement: readonly PolicyStatement[]}

export type PolicyScope = {
  readonly pool: string
  readonly region: string
  readonly account: string
  readonly bucket: string
  /** ARN of the key; `*` before it is made. */
  readonly key: string
}

/** The tag by which everything of a pool is found and limited. */
export const poolTag = 'homeport:pool'

/**
 * The least rights of a role (cli.md section 9, `pool:policy`). `host`: what a machine of the pool needs, no config vars. `read`:
 * looking. `release`: deploying, which equals root on the pool, since who starts dynos reaches the engine. `admin`: making and removing pools.
 */
export function planPolicy(role: PoolRole, scope: PolicyScope): Policy {
  const statements = {host: hostStatements, read: readStatements, release: releaseStatements, admin: adminStatements}[role](scope)
  return {Version: '2012-10-17', Statement: statements}
}

function hostStatements({pool, region, account, bucket}: PolicyScope): readonly PolicyStatement[] {
  return [
    allow('ReadSlugs', ['s3:GetObject'], objects(bucket, 'slugs/*', 'stacks/*', 'programs/*', 'pool.json', 'apps/*')),
    allow('ListSlugs', ['s3:ListBucket'], [`arn:aws:s3:::${bucket}`], {StringLike: {'s3:prefix': ['slugs/*', 'apps/*']}}),
    allow('JoinSecret', ['ssm:GetParameter', 'ssm:PutParameter'], [parameter({pool, region, account})]),
    allow('Sessions', sessionActions, ['*']),
    allow(
      'OwnLifecycle',
      ['autoscaling:CompleteLifecycleAction'],
      [`arn:aws:autoscaling:${region}:${account}:autoScalingGroup:*:autoScalingGroupName/homeport-${pool}`],
    ),
    {Sid: 'NeverConfigVars', Effect: 'Deny', Action: ['s3:*'], Resource: objects(bucket, 'config/*')},
  ]
}

function readStatements(scope: PolicyScope): readonly PolicyStatement[] {
  const {bucket} = scope
  return [
    allow('Look', ['s3:GetObject'], objects(bucket, 'apps/*', 'pool.json', 'audit/*', 'stacks/*')),
    allow('List', ['s3:ListBucket'], [`arn:aws:s3:::${bucket}`]),
    allow('FindHosts', ['ec2:DescribeInstances', 'autoscaling:DescribeAutoScalingGroups'], ['*']),
  ]
}

function releaseStatements(scope: PolicyScope): readonly PolicyStatement[] {
  const {pool, region, account, bucket, key} = scope
  const ofPool = {StringEquals: {[`aws:ResourceTag/${poolTag}`]: pool}}
  return [
    ...readStatements(scope),
    allow(
      'Release',
      ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'],
      objects(bucket, 'slugs/*', 'apps/*', 'config/*', 'audit/*'),
    ),
    allow('ConfigVars', ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:DescribeKey'], [key]),
    allow('Connect', ['ssm:StartSession'], [`arn:aws:ec2:${region}:${account}:instance/*`], ofPool),
    allow('ConnectBySsh', ['ssm:StartSession'], [`arn:aws:ssm:${region}::document/AWS-StartSSHSession`]),
    allow('OwnSessions', ['ssm:TerminateSession', 'ssm:ResumeSession'], [ownSessions]),
    allow('KeyForOneConnection', ['ec2-instance-connect:SendSSHPublicKey'], [`arn:aws:ec2:${region}:${account}:instance/*`], {
      StringEquals: {[`aws:ResourceTag/${poolTag}`]: pool, 'ec2:osuser': 'homeport'},
    }),
  ]
}

/** What the admin of a pool does, by what it is done to. */
const bucketActions = [
  's3:CreateBucket',
  's3:DeleteBucket',
  's3:PutBucket*',
  's3:PutEncryptionConfiguration',
  's3:GetBucket*',
  's3:ListBucketVersions',
  's3:DeleteObject',
  's3:DeleteObjectVersion',
]
const describeActions = [
  'ec2:Describe*',
  'autoscaling:Describe*',
  'elasticloadbalancing:Describe*',
  'tag:GetResources',
  'servicequotas:GetServiceQuota',
]
const makeKeyActions = ['kms:CreateKey', 'kms:TagResource', 'kms:CreateAlias', 'kms:ListAliases']
const keepKeyActions = ['kms:DescribeKey', 'kms:EnableKeyRotation', 'kms:ScheduleKeyDeletion', 'kms:CreateAlias', 'kms:DeleteAlias']
const makeTaggedActions = [
  'ec2:CreateLaunchTemplate',
  'ec2:CreateSecurityGroup',
  'ec2:CreateTags',
  'elasticloadbalancing:CreateLoadBalancer',
  'elasticloadbalancing:CreateTargetGroup',
  'elasticloadbalancing:CreateListener',
  'elasticloadbalancing:AddTags',
  'autoscaling:CreateAutoScalingGroup',
  'autoscaling:CreateOrUpdateTags',
]
const changeOwnActions = [
  'ec2:DeleteLaunchTemplate',
  'ec2:CreateLaunchTemplateVersion',
  'ec2:ModifyLaunchTemplate',
  'ec2:DeleteSecurityGroup',
  'ec2:AuthorizeSecurityGroupIngress',
  'ec2:RevokeSecurityGroupIngress',
  'ec2:TerminateInstances',
  'autoscaling:UpdateAutoScalingGroup',
  'autoscaling:DeleteAutoScalingGroup',
  'autoscaling:TerminateInstanceInAutoScalingGroup',
  'autoscaling:AttachLoadBalancerTargetGroups',
  'autoscaling:SuspendProcesses',
  'elasticloadbalancing:DeleteLoadBalancer',
  'elasticloadbalancing:DeleteTargetGroup',
  'elasticloadbalancing:DeleteListener',
  'elasticloadbalancing:Modify*',
]
const hostRoleActions = [
  'iam:CreateRole',
  'iam:DeleteRole',
  'iam:GetRole',
  'iam:TagRole',
  'iam:PutRolePolicy',
  'iam:DeleteRolePolicy',
  'iam:CreateInstanceProfile',
  'iam:DeleteInstanceProfile',
  'iam:GetInstanceProfile',
  'iam:TagInstanceProfile',
  'iam:AddRoleToInstanceProfile',
  'iam:RemoveRoleFromInstanceProfile',
]
const joinSecretActions = ['ssm:PutParameter', 'ssm:GetParameter', 'ssm:DeleteParameter', 'ssm:AddTagsToResource']

function adminStatements(scope: PolicyScope): readonly PolicyStatement[] {
  const {pool, region, account, bucket} = scope
  const tagged = {StringEquals: {[`aws:RequestTag/${poolTag}`]: pool}}
  const ofPool = {StringEquals: {[`aws:ResourceTag/${poolTag}`]: pool}}
  const role = `arn:aws:iam::${account}:role/homeport-${pool}-host`
  const profile = `arn:aws:iam::${account}:instance-profile/homeport-${pool}-host`
  const network = ['vpc', 'subnet', 'security-group', 'launch-template', 'image', 'network-interface', 'volume']
  return [
    ...releaseStatements(scope),
    allow('PoolItself', ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'], objects(bucket, 'pool.json', 'programs/*')),
    allow('Bucket', bucketActions, [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`]),
    allow('Describe', describeActions, ['*']),
    allow('MakeKey', makeKeyActions, ['*'], tagged),
    allow('KeepKey', keepKeyActions, ['*'], ofPool),
    allow('MakeTagged', makeTaggedActions, ['*'], tagged),
    allow('SecurityGroupInNetwork', ['ec2:CreateSecurityGroup'], [`arn:aws:ec2:${region}:${account}:vpc/*`]),
    allow('ChangeOwn', changeOwnActions, ['*'], ofPool),
    allow(
      'RunHosts',
      ['ec2:RunInstances'],
      network.map(kind => `arn:aws:ec2:${region}:*:${kind}/*`),
    ),
    allow('RunTaggedHosts', ['ec2:RunInstances'], [`arn:aws:ec2:${region}:${account}:instance/*`], tagged),
    allow('HostRole', hostRoleActions, [role, profile]),
    allow('GiveHostRole', ['iam:PassRole'], [role], {StringEquals: {'iam:PassedToService': 'ec2.amazonaws.com'}}),
    allow('JoinSecret', joinSecretActions, [parameter({pool, region, account})]),
    allow('SystemImage', ['ssm:GetParameter'], [`arn:aws:ssm:${region}::parameter/aws/service/*`]),
  ]
}

/** What the SSM agent of a host calls. */
const sessionActions = [
  'ssm:UpdateInstanceInformation',
  'ssmmessages:CreateControlChannel',
  'ssmmessages:CreateDataChannel',
  'ssmmessages:OpenControlChannel',
  'ssmmessages:OpenDataChannel',
] as const

/** A variable of IAM's, not of ours. */
const ownSessions = ['arn:aws:ssm:*:*:session/$', '{aws:username}-*'].join('')

function parameter({pool, region, account}: Pick<PolicyScope, 'pool' | 'region' | 'account'>): string {
  return `arn:aws:ssm:${region}:${account}:parameter/homeport/${pool}/*`
}

function objects(bucket: string, ...keys: readonly string[]): readonly string[] {
  return keys.map(key => `arn:aws:s3:::${bucket}/${key}`)
}

function allow(
  Sid: string,
  Action: readonly string[],
  Resource: readonly string[],
  Condition?: PolicyStatement['Condition'],
): PolicyStatement {
  return {Sid, Effect: 'Allow', Action, Resource, ...(Condition === undefined ? {} : {Condition})}
}
