/** A time as the platform's command line writes it, in local time: `2026/11/22 00:39:26 +0000` (platform.md i.1). */
export function renderWhen(time: number): string {
  const date = new Date(time)
  const two = (number: number) => String(number).padStart(2, '0')
  const offset = -date.getTimezoneOffset()
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`
  const day = `${date.getFullYear()}/${two(date.getMonth() + 1)}/${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} ${zone}`
}

/** How long ago, roughly: `~ 2m ago`. */
export function renderAgo(durationMs: number): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1_000))
  if (seconds < 60) return `~ ${seconds}s ago`
  if (seconds < 3_600) return `~ ${Math.floor(seconds / 60)}m ago`
  if (seconds < 86_400) return `~ ${Math.floor(seconds / 3_600)}h ago`
  return `~ ${Math.floor(seconds / 86_400)}d ago`
}
