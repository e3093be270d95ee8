import {HomeportError} from './error.ts'

/** When the prices below were written down; shown with every estimate, since they change. */
export const pricesOf = '2026-11-25'

/** The region of the prices; others differ by some tens of per cent. */
export const priceRegion = 'us-east-1'

export type InstanceType = {readonly name: string; readonly arch: 'x64' | 'arm64'; readonly memoryBytes: number; readonly hourlyUsd: number}

const gib = 1024 ** 3
const instanceTypes: readonly InstanceType[] = [
  {name: 't3a.small', arch: 'x64', memoryBytes: 2 * gib, hourlyUsd: 0.0188},
  {name: 't3a.medium', arch: 'x64', memoryBytes: 4 * gib, hourlyUsd: 0.0376},
  {name: 't3a.large', arch: 'x64', memoryBytes: 8 * gib, hourlyUsd: 0.0752},
  {name: 't3.small', arch: 'x64', memoryBytes: 2 * gib, hourlyUsd: 0.0208},
  {name: 't3.medium', arch: 'x64', memoryBytes: 4 * gib, hourlyUsd: 0.0416},
  {name: 'm7a.large', arch: 'x64', memoryBytes: 8 * gib, hourlyUsd: 0.11592},
  {name: 'm7i.large', arch: 'x64', memoryBytes: 8 * gib, hourlyUsd: 0.1008},
  {name: 'm7i.2xlarge', arch: 'x64', memoryBytes: 32 * gib, hourlyUsd: 0.4032},
  {name: 't4g.small', arch: 'arm64', memoryBytes: 2 * gib, hourlyUsd: 0.0168},
  {name: 't4g.medium', arch: 'arm64', memoryBytes: 4 * gib, hourlyUsd: 0.0336},
  {name: 'm7g.large', arch: 'arm64', memoryBytes: 8 * gib, hourlyUsd: 0.0816},
  {name: 'm7g.2xlarge', arch: 'arm64', memoryBytes: 32 * gib, hourlyUsd: 0.3264},
]

const monthHours = 730
const prices = {addressHourlyUsd: 0.005, diskGbMonthUsd: 0.08, balancerHourlyUsd: 0.0225, kmsKeyMonthUsd: 1, bucketMonthUsd: 0.5} as const

/** Size of each host's disk. */
export const hostDiskGb = 30

export type CostLine = {readonly what: string; readonly monthlyUsd: number}

/** What a pool costs in a month of 730 hours, without traffic; lines and their sum, rounded to cents. */
export function planCost(pool: {readonly instanceType: string; readonly size: number; readonly hasBalancer: boolean}): {
  readonly lines: readonly CostLine[]
  readonly monthlyUsd: number
} {
  const type = instanceType(pool.instanceType)
  const {size} = pool
  const lines = [
    {what: `${size} x ${type.name}`, monthlyUsd: cents(size * type.hourlyUsd * monthHours)},
    {what: `${size} disks of ${hostDiskGb} GB (gp3)`, monthlyUsd: cents(size * hostDiskGb * prices.diskGbMonthUsd)},
    {what: `${size} public IPv4 addresses`, monthlyUsd: cents(size * prices.addressHourlyUsd * monthHours)},
    ...(pool.hasBalancer ? [{what: 'load balancer, without use', monthlyUsd: cents(prices.balancerHourlyUsd * monthHours)}] : []),
    {what: 'bucket (20 GB) and key', monthlyUsd: cents(prices.bucketMonthUsd + prices.kmsKeyMonthUsd)},
  ]
  return {lines, monthlyUsd: cents(lines.reduce((sum, line) => sum + line.monthlyUsd, 0))}
}

/** Throws FLAG_INVALID for a type whose price and processor are not known here. */
export function instanceType(name: string): InstanceType {
  const found = instanceTypes.find(type => type.name === name)
  if (found !== undefined) return found
  throw new HomeportError('FLAG_INVALID', `The instance type “${name}” is not in the price table.`, {
    hint: `Take one of ${instanceTypes.map(type => type.name).join(', ')}.`,
  })
}

function cents(usd: number): number {
  return Math.round(usd * 100) / 100
}
