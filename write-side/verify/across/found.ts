import type { AcrossFault } from '@micropay/schemas/api/across'
import type { Position } from '@micropay/schemas/position'

/** `named` is all that the fault rests on: where a person gave one of it up, it is none. */
export type Found = AcrossFault & { readonly named: readonly Position[] }
