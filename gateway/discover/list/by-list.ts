import type { Discovery } from '../discovery.ts'

/** Instances that the settings name, for as long as the gateway runs. */
export function byList(urls: readonly URL[]): Discovery {
  const places = urls.map(({ origin }) => ({ origin }))
  return {
    places: () => places,
    onChange: () => undefined,
    trouble: () => undefined,
    looked: Promise.resolve(),
    close: async () => undefined,
  }
}
