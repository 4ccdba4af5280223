import type { Disk } from '../disk.ts'
import {
  appends,
  type BeginAtHost,
  backUp,
  clock,
  crash,
  diskFull,
  link,
  loseDisk,
  pause,
  restart,
  restoreBackup,
  slow,
  writes,
} from '../host-faults.ts'
import type { LeaseServer } from '../lease-server.ts'
import type { FaultKind, LongFaultKind, LossKind } from './fault-names.ts'
import { forge } from './forge.ts'
import type { MessageFate } from './inbox-server.ts'
import { loseHistory } from './lose-history.ts'
import { hostsOf, type Worker, type World } from './world.ts'

export type AnyFaultKind = FaultKind | LongFaultKind | LossKind
export type Where = { readonly worker: number; readonly partition: number }
/** Begins a fault, and answers what ends it. */
type Begin = (world: World, where: Where) => () => void

/** Every kind of fault, by its name. Each ends by itself: the world is whole again after its time. */
const begins = {
  'append answer lost': machine(appends('answer lost')),
  'append late': machine(appends('late')),
  'append never': machine(appends('never')),
  'append twice': machine(appends('twice')),
  'append slow': machine(appends('slow')),
  'log refused': machine(link('log', 'refused')),
  'log silent': machine(link('log', 'silent')),
  'log slow': machine(slow('log')),
  'log of one partition silent': owner(link('log', 'silent')),
  'log of one partition away for all': partition(link('log', 'refused')),
  'log away for all': everywhere(link('log', 'refused')),
  'log silent for all': everywhere(link('log', 'silent')),
  'inbox refused': machine(link('inbox', 'refused')),
  'inbox silent': machine(link('inbox', 'silent')),
  'inbox slow': machine(slow('inbox')),
  'inbox away for all': inboxAway,
  'messages lost': messages('lost'),
  'messages late': messages('late'),
  'messages twice': messages('twice'),
  'messages changed': messages('changed'),
  'messages forged': often(forge),
  'messages again': often(({ inbox }) => inbox.repeat()),
  'lease refused': machine(link('lease', 'refused')),
  'lease silent': machine(link('lease', 'silent')),
  'leases away for all': everywhere(link('lease', 'refused')),
  'lease lost': (world, where) => {
    leaseOf(world, where).forget()
    return () => undefined
  },
  'leases lost for all': often(({ leases }) => {
    for (const lease of leases) lease.forget()
  }),
  'lease for everybody': (world, where) => gives([leaseOf(world, where)], 'everybody'),
  'leases for everybody': ({ leases }) => gives(leases, 'everybody'),
  'lease for nobody': (world, where) => gives([leaseOf(world, where)], 'nobody'),
  'clients cut off': machine(link('clients', 'silent')),
  crash: machine(crash),
  'crash of one owner': owner(crash),
  'crash of all': everywhere(crash),
  pause: machine(pause),
  'pause of one owner': owner(pause),
  restart: machine(restart),
  'clock forward': machine(clock(90_000)),
  'clock back': machine(clock(-90_000)),
  'disk full': machine(diskFull),
  'disk loses what is not flushed': machine(writes('unflushed')),
  'disk tears what is not flushed': machine(writes('torn')),
  'disk lost': machine(whileDown(loseDisk)),
  'disk backed up': machine(backUp),
  'disk restored': machine(whileDown(restoreBackup)),
  'long: log of one partition away': partition(link('log', 'refused')),
  'long: inbox away': inboxAway,
  'history lost': (world, { partition: of }) => {
    loseHistory(world, of)
    return () => undefined
  },
} satisfies Record<AnyFaultKind, Begin>

export function beginFault(kind: AnyFaultKind, world: World, where: Where): () => void {
  return begins[kind](world, where)
}

/** All owners of a machine: they are one process of the product. */
function machine(begin: BeginAtHost): Begin {
  return (world, { worker }) => all(world, (world.workers[worker] as Worker).hosts, begin)
}

function owner(begin: BeginAtHost): Begin {
  return (world, { worker, partition }) => all(world, hostsOf(world, partition).slice(worker, worker + 1), begin)
}

/** All owners of a partition, on whatever machine. */
function partition(begin: BeginAtHost): Begin {
  return (world, { partition }) => all(world, hostsOf(world, partition), begin)
}

function everywhere(begin: BeginAtHost): Begin {
  return (world) =>
    all(
      world,
      world.workers.flatMap(({ hosts }) => hosts),
      begin,
    )
}

function all(world: World, hosts: Worker['hosts'], begin: BeginAtHost): () => void {
  const ends = hosts.map((host) => begin(world, host))
  return () => {
    for (const end of ends) end()
  }
}

function inboxAway({ inbox }: World): () => void {
  inbox.isAway = true
  return () => {
    inbox.isAway = false
  }
}

function messages(fate: MessageFate): Begin {
  return ({ inbox, random }) => {
    inbox.fault = { fate, probability: random.pick([0.2, 0.5, 1]) }
    return () => {
      inbox.fault = undefined
    }
  }
}

const OFTEN_MS = 300

/** Again and again until it ends. */
function often(work: (world: World) => void): Begin {
  return (world) => {
    let isOver = false
    const again = () => {
      if (isOver) return
      work(world)
      world.scheduler.after(world.random.between(1, OFTEN_MS), 'once more', again)
    }
    again()
    return () => {
      isOver = true
    }
  }
}

function leaseOf({ leases }: World, { partition }: Where): LeaseServer {
  return leases[partition] as LeaseServer
}

function gives(leases: readonly LeaseServer[], whom: 'everybody' | 'nobody'): () => void {
  for (const lease of leases) lease.gives = whom
  return () => {
    for (const lease of leases) lease.gives = 'one'
  }
}

/** What is done to a disk while its owner is down. */
function whileDown(change: (disk: Disk) => void): BeginAtHost {
  return (_, host) => {
    host.crash()
    host.disk.isSpoiled = false
    change(host.disk)
    return host.start
  }
}
