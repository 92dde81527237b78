// How people, bands, readers and radios behave, as numbers with their reasons: the one place where life is assumed.
import type { Spread } from './chance.ts';

export const KINDS = ['normal', 'hurried', 'resting', 'two-people', 'radio', 'storm'] as const;
/** Whose taps: each kind is one sort of terminal, and what goes on there. */
export type Kind = (typeof KINDS)[number];

/** What an adapter hears. */
export const RADIO = {
  /** The interval of a band's advertisements is not published; 100 ms makes the documented window of ten about a second. */
  advertMs: 100,
  /** Scanners miss the advertisements that fall beside their window: some per cent where all is well. */
  lostShare: 0.04,
  /** Advertising hops over three channels, each with its own reflections: readings differ by 3 to 5 dB though nothing moves. */
  fastDb: 3.5,
  /** A body that moves beside the path shades it slowly. */
  slowDb: 1.5,
  slowMs: 2_000,
  /** Path loss: -60 dBm at one metre, falling by 20 dB for each factor of ten, as in free space; -42 dBm is at 13 cm. */
  oneMetreDbm: -60,
  perDecadeDb: 20,
  weakestDbm: -95,
  strongestDbm: -26,
} as const;

/** Distances between a wrist and the adapter in centimetres. */
export const DISTANCE_CM = {
  /** Held to the adapter: the band all but touches it. */
  held: { median: 5, sigma: 0.2, min: 2.5, max: 7.5 },
  /** At keyboard and mouse. */
  atWork: { median: 60, sigma: 0.25, min: 30, max: 120 },
  /** Resting where it should not: on the desk, beside the adapter. Adapters stand out of the way; few wrists come closer than 20 cm. */
  resting: { median: 34, sigma: 0.22, min: 14, max: 60 },
  /** Somebody who walks by, at the nearest. */
  passing: { median: 130, sigma: 0.4, min: 50, max: 400 },
  /** Somebody who stands beside the one who works. */
  beside: { median: 110, sigma: 0.25, min: 60, max: 200 },
  /** Who comes or goes. */
  door: { median: 500, sigma: 0.3, min: 300, max: 1_000 },
  /** The wrist on the reader, from an adapter that stands beside it or is in it. A reader sees a band within 3 cm. */
  onReader: { median: 12, sigma: 0.5, min: 3, max: 40 },
} satisfies Record<string, Spread>;

/** Times of hands in milliseconds. */
export const HAND_MS = {
  /** From keyboard to reader: a reach takes a third of a second and more. */
  reach: { median: 450, sigma: 0.25, min: 250, max: 1_200 },
  reachHurried: { median: 320, sigma: 0.2, min: 200, max: 700 },
  /** On the reader: contactless cards are read in 250 to 800 ms over all, and people wait for the beep. */
  onReader: { median: 450, sigma: 0.5, min: 120, max: 2_500 },
  onReaderHurried: { median: 220, sigma: 0.4, min: 80, max: 900 },
  /** At the adapter: people hold still until the terminal shows that the tap was received, so never shorter than the window. */
  atAdapter: { median: 2_000, sigma: 0.2, min: 1_700, max: 4_000 },
  atAdapterHurried: { median: 1_800, sigma: 0.1, min: 1_600, max: 2_400 },
  /** Between a form that is filled and the next tap of the same person: press, look, go to the next field. */
  nextTap: { median: 9_000, sigma: 0.7, min: 3_000, max: 60_000 },
  nextTapHurried: { median: 3_500, sigma: 0.5, min: 1_500, max: 15_000 },
  /** A second person confirms what the first has signed (maker and checker). */
  checker: { median: 3_500, sigma: 0.7, min: 900, max: 20_000 },
  /** Nothing seems to happen, so the hand taps again: before the form is filled, or just when it is. */
  impatience: { median: 550, sigma: 0.25, min: 250, max: 950 },
  /** After two bands were refused, people look at each other and one begins again. */
  again: { median: 2_600, sigma: 0.3, min: 1_300, max: 5_000 },
  /** Wrists shift every few seconds. */
  shift: { median: 6_000, sigma: 0.6, min: 1_500, max: 30_000 },
  /** How long a wrist, or a band put down, stays where it rests. */
  rest: { median: 25_000, sigma: 0.6, min: 6_000, max: 120_000 },
  /** Between two visits to a terminal. */
  absence: { median: 20_000, sigma: 0.7, min: 4_000, max: 120_000 },
} satisfies Record<string, Spread>;

/** What readers do, in milliseconds. */
export const READER_MS = {
  /** A band at the edge of the field is lost and seen again: gaps as readers of PC/SC report them (read twice, nfc-pcsc and pcsc-sharp). */
  bounce: { median: 90, sigma: 0.7, min: 15, max: 380 },
  /** A reader that polls reports a card that lies on it for ever (PN532): polls are 4 to 2 a second. */
  poll: { median: 300, sigma: 0.25, min: 150, max: 560 },
  /** A read that failed is followed by a good one with the next poll, while the wrist is still there. */
  reread: { median: 110, sigma: 0.4, min: 40, max: 300 },
} satisfies Record<string, Spread>;

/** How the people of a kind behave; shares are of gestures, or of visits where it says so. */
export interface Habits {
  readonly hurried: boolean;
  readonly tapsAVisit: readonly [min: number, max: number];
  readonly byBluetooth: number;
  /** A tap on the reader is followed by bounces. */
  readonly bounces: number;
  /** The reader reports again and again while the wrist is held on it. */
  readonly polls: number;
  /** Taps again before anything is seen. */
  readonly impatient: number;
  /** Of visits: somebody walks by meanwhile. */
  readonly passing: number;
  /** Of visits: the wrist comes to rest beside the adapter afterwards. */
  readonly rests: number;
  /** Of visits: the band comes to lie on the reader afterwards. */
  readonly lies: number;
  /** Of visits: a second person confirms. */
  readonly confirmed: number;
  /** Of confirmations: both tap as one, and nobody can say who was meant. */
  readonly collides: number;
  /** Share of advertisements that are lost. */
  readonly lost: number;
  /** Of advertisements: held up somewhere, and told up to this much later. */
  readonly late: number;
  readonly lateMs: number;
  /** Of taps on the reader: the first read is empty or cut short, or has the id of the card before. */
  readonly unreadable: number;
  readonly previousId: number;
  /** Of visits: the wearer has taken the band off, or has not proved who they are, and tries all the same. */
  readonly unfit: number;
  /** Of visits: a storm of reads without a meaning. */
  readonly storms: number;
}

const NORMAL: Habits = {
  hurried: false, tapsAVisit: [1, 3], byBluetooth: 0.35, bounces: 0.2, polls: 0.25, impatient: 0.02, passing: 0.3, rests: 0, lies: 0,
  confirmed: 0, collides: 0, lost: RADIO.lostShare, late: 0, lateMs: 0, unreadable: 0.005, previousId: 0, unfit: 0.01, storms: 0,
};

/** Interviews and forums give the direction (7.22 of the guide, readers' issue lists), not shares: these make each trouble frequent where it is the subject. */
export const HABITS: { readonly [K in Kind]: Habits } = {
  'normal': NORMAL,
  'hurried': { ...NORMAL, hurried: true, tapsAVisit: [2, 6], bounces: 0.35, impatient: 0.08, passing: 0.6 },
  'resting': { ...NORMAL, rests: 0.7, lies: 0.4 },
  'two-people': { ...NORMAL, confirmed: 0.8, collides: 0.05, passing: 0.6 },
  'radio': { ...NORMAL, lost: 0.3, late: 0.1, lateMs: 400, unreadable: 0.12, previousId: 0.04, confirmed: 0.3, bounces: 0.5 },
  'storm': { ...NORMAL, storms: 0.5, lies: 0.3, bounces: 0.5, unreadable: 0.1 },
};

/** Answers of the others in milliseconds from the tap: as measured in the lab, with a NES of usual speed. */
export const ANSWERS_MS = {
  resolved: { median: 4, sigma: 0.3, min: 1, max: 15 },
  /** From the tap to the credential; slow tails are NES under load. */
  credential: { median: 180, sigma: 0.5, min: 60, max: 1_200 },
  /** From the credential to both fields filled. */
  typing: { median: 60, sigma: 0.4, min: 20, max: 250 },
} satisfies Record<string, Spread>;

/** Of taps: refused by the resolver, since no login form is in front. */
export const REFUSED_SHARE = 0.03;
