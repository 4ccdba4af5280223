import { folderStore } from './folder-store.ts'
import type { ObjectStore } from './object-store.ts'
import { type S3Settings, s3Store } from './s3-store.ts'

/** How a store is opened: plain data, since a process of its own opens it again. */
export type ObjectStoreSettings =
  | { readonly kind: 'folder'; readonly path: string }
  | ({ readonly kind: 's3' } & S3Settings)

export function openObjectStore(settings: ObjectStoreSettings): ObjectStore {
  return settings.kind === 'folder' ? folderStore(settings.path) : s3Store(settings)
}
