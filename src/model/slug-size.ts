/** A size as `git push` shows it (platform.md d.5): `45.2M`, `823M`, `12K`. */
export function renderSlugSize(bytes: number): string {
  const megabytes = bytes / (1024 * 1024)
  if (megabytes < 1) return `${Math.ceil(bytes / 1024)}K`
  return megabytes < 100 ? `${megabytes.toFixed(1)}M` : `${Math.round(megabytes)}M`
}
