// Who there is: the closed set of actors, and the zone each one lives in.

/** One `machine` zone a host; one `session` zone a logged-on user. */
export const Zone = { machine: 'machine', session: 'session' } as const;
export type Zone = (typeof Zone)[keyof typeof Zone];

/** Each actor with its zone and its one job, in the order in which they start. The recorder hears what its zone says from first to last. */
export const ACTORS = {
  'audit': { zone: Zone.machine, job: 'keeps the durable, tamper-evident record' },
  'nes-gateway': { zone: Zone.machine, job: 'is the only one that speaks to NES' },
  'credential-broker': { zone: Zone.machine, job: 'finds the person of a band and seals the credential for one injector' },
  'recorder': { zone: Zone.session, job: 'keeps what the judgement of taps saw and decided' },
  'tray': { zone: Zone.session, job: 'shows all that a person sees' },
  'injector': { zone: Zone.session, job: 'puts the two values into the two fields' },
  'window-resolver': { zone: Zone.session, job: 'knows which window and fields are in front' },
  'tap-listener': { zone: Zone.session, job: 'accepts taps and owns each one until its end' },
} as const;

export type ActorName = keyof typeof ACTORS;
export const ACTOR_NAMES = Object.keys(ACTORS) as [ActorName, ...ActorName[]];
export const actorsOf = (zone: Zone): ActorName[] => ACTOR_NAMES.filter((name) => ACTORS[name].zone === zone);
