import type { WriteFault } from '@micropay/write-side/state/memory/disk'
import type { Disk } from './disk.ts'
import type { AppendFate } from './log-port.ts'
import type { OwnerHost } from './owner-host.ts'
import type { Random } from './random.ts'

/** Faults of one machine, whatever world it is in. Each begins at once, and answers what ends it. */
export type BeginAtHost = (world: { readonly random: Random }, host: OwnerHost) => () => void

export type LinkName = keyof OwnerHost['links']

export function appends(fate: AppendFate): BeginAtHost {
  return (world, host) => {
    const probability = world.random.pick([0.3, 1])
    host.appendFault = { fate, probability }
    return () => {
      host.appendFault = undefined
    }
  }
}

export function link(name: LinkName, mode: 'refused' | 'silent'): BeginAtHost {
  return (_, { links }) => {
    links[name].mode = mode
    return () => {
      links[name].mode = 'up'
    }
  }
}

export function slow(name: LinkName): BeginAtHost {
  return ({ random }, { links }) => {
    links[name].slowMs = random.between(20, 2_000)
    return () => {
      links[name].slowMs = 0
    }
  }
}

export const crash: BeginAtHost = (_, host) => {
  host.crash()
  return host.start
}

export const pause: BeginAtHost = (_, { process }) => {
  process?.pause()
  return () => process?.goOn()
}

export const restart: BeginAtHost = (_, host) => {
  host.stop()
  return () => {
    host.crash()
    host.start()
  }
}

export function clock(offsetMs: number): BeginAtHost {
  return (_, { wall }) => {
    wall.offsetMs = offsetMs
    return () => {
      wall.offsetMs = 0
    }
  }
}

export const diskFull: BeginAtHost = (_, { disk }) => {
  disk.isFull = true
  return () => {
    disk.isFull = false
  }
}

export function writes(fault: WriteFault): BeginAtHost {
  return ({ random }, { disk }) => {
    disk.writeFault = { fault, probability: random.pick([0.3, 1]) }
    return () => {
      disk.writeFault = undefined
    }
  }
}

export const backUp: BeginAtHost = (_, { disk }) => {
  disk.backup = { image: disk.content.copy(), isSpoiled: disk.isSpoiled }
  return () => undefined
}

/** An older copy is put back; what was stored when the world began, if there is none. */
export function restoreBackup(disk: Disk): void {
  if (!disk.backup) return
  disk.content.restore(disk.backup.image)
  disk.isSpoiled = disk.backup.isSpoiled
}

/** The machine comes back with an empty disk. */
export function loseDisk({ content }: Disk): void {
  content.restore({ content: new Map(), digestKey: undefined, readable: true })
}
