/** The services that have projections, each once, by name. */
export function listServices(statuses: readonly { readonly service: string }[]): string[] {
  return [...new Set(statuses.map((status) => status.service))].sort()
}
