import {planPolicy} from '../../../model/pool-policy.ts'
import {type Aws, isMissing, isThere, tagsOf} from './aws.ts'
import {atAws} from './aws-error.ts'

/** The role that hosts of a pool have, with the rights of `pool:policy --role host`, and its instance profile. Resolves with the profile's ARN. */
export async function makeRole(aws: Aws, pool: string, {bucket, key}: {readonly bucket: string; readonly key: string}): Promise<string> {
  const {
    AddRoleToInstanceProfileCommand,
    CreateInstanceProfileCommand,
    CreateRoleCommand,
    GetInstanceProfileCommand,
    PutRolePolicyCommand,
  } = await import('@aws-sdk/client-iam')
  const client = await aws.iam()
  const name = roleName(pool)
  const Tags = [...tagsOf(pool)]
  const trust = {Version: '2012-10-17', Statement: [{Effect: 'Allow', Action: 'sts:AssumeRole', Principal: {Service: 'ec2.amazonaws.com'}}]}
  const policy = planPolicy('host', {pool, bucket, key, region: aws.region, account: aws.account})
  return await atAws(`make the role ${name}`, async () => {
    await client.send(new CreateRoleCommand({RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust), Tags})).catch(unlessThere)
    await client.send(new PutRolePolicyCommand({RoleName: name, PolicyName: 'homeport', PolicyDocument: JSON.stringify(policy)}))
    await client.send(new CreateInstanceProfileCommand({InstanceProfileName: name, Tags})).catch(unlessThere)
    const {InstanceProfile} = await client.send(new GetInstanceProfileCommand({InstanceProfileName: name}))
    if ((InstanceProfile?.Roles ?? []).length === 0) {
      await client.send(new AddRoleToInstanceProfileCommand({InstanceProfileName: name, RoleName: name}))
    }
    return InstanceProfile?.Arn ?? ''
  })
}

export async function removeRole(aws: Aws, pool: string): Promise<boolean> {
  const {DeleteInstanceProfileCommand, DeleteRoleCommand, DeleteRolePolicyCommand, RemoveRoleFromInstanceProfileCommand} = await import(
    '@aws-sdk/client-iam'
  )
  const client = await aws.iam()
  const name = roleName(pool)
  return await atAws(`remove the role ${name}`, async () => {
    const unlessMissing = (error: unknown): undefined => {
      if (!isMissing(error)) throw error
    }
    await client.send(new RemoveRoleFromInstanceProfileCommand({InstanceProfileName: name, RoleName: name})).catch(unlessMissing)
    await client.send(new DeleteInstanceProfileCommand({InstanceProfileName: name})).catch(unlessMissing)
    await client.send(new DeleteRolePolicyCommand({RoleName: name, PolicyName: 'homeport'})).catch(unlessMissing)
    return (await client.send(new DeleteRoleCommand({RoleName: name})).catch(unlessMissing)) !== undefined
  })
}

export function roleName(pool: string): string {
  return `homeport-${pool}-host`
}

function unlessThere(error: unknown): void {
  if (!isThere(error)) throw error
}
