/**
 * The grammar and the weighted words of the pseudo text that fills the comment columns.
 *
 * A word list is written as runs of words that share a weight, in the order in which the draw goes through
 * them; a word is picked with probability weight / sum of weights.
 *
 * Source: TPC Benchmark H, standard specification, revision 3.0.1, clauses 4.2.2.10 and 4.2.2.14.
 *
 * @module
 */

/** Words by draw: a number in [0, total) picks the word `index[number]`. */
export interface WeightedWords {
  readonly words: readonly Uint8Array[];
  readonly index: Uint8Array;
}

/** Nouns. */
export const NOUNS: WeightedWords = weighted(
  [40, "packages,requests,accounts,deposits"],
  [20, "foxes,ideas,theodolites,pinto beans,instructions"],
  [10, "dependencies,excuses,platelets,asymptotes"],
  [5, "courts,dolphins"],
  [1, "multipliers,sauternes,warthogs,frets,dinos,attainments,somas,Tiresias,patterns,forges,braids,frays"],
  [1, "warhorses,dugouts,notornis,epitaphs,pearls,tithes,waters,orbits,gifts,sheaves,depths,sentiments"],
  [1, "decoys,realms,pains,grouches,escapades,hockey players"],
);

/** Verbs. */
export const VERBS: WeightedWords = weighted(
  [20, "sleep,wake,are,cajole,haggle"],
  [10, "nag,use,boost"],
  [5, "affix,detect,integrate"],
  [1, "maintain,nod,was,lose,sublate,solve,thrash,promise,engage,hinder,print,x-ray,breach,eat,grow,impress"],
  [1, "mold,poach,serve,run,dazzle,snooze,doze,unwind,kindle,play,hang,believe,doubt"],
);

/** Adjectives. */
export const ADJECTIVES: WeightedWords = weighted(
  [20, "special,pending,unusual,express"],
  [1, "furious,sly,careful,blithe,quick,fluffy,slow,quiet,ruthless,thin,close,dogged,daring,brave,stealthy"],
  [1, "permanent,enticing,idle,busy"],
  [50, "regular"],
  [40, "final,ironic"],
  [30, "even"],
  [20, "bold"],
  [10, "silent"],
);

/** Adverbs. */
export const ADVERBS: WeightedWords = weighted(
  [1, "sometimes,always,never"],
  [50, "furiously,slyly,carefully"],
  [40, "blithely"],
  [30, "quickly"],
  [20, "fluffily"],
  [1, "slowly,quietly,ruthlessly,thinly,closely,doggedly,daringly,bravely,stealthily,permanently,enticingly"],
  [1, "idly,busily,regularly,finally,ironically,evenly,boldly,silently"],
);

/** Prepositions; "whithout" is the specification's own spelling. */
export const PREPOSITIONS: WeightedWords = weighted(
  [50, "about,above,according to,across,after"],
  [40, "against,along"],
  [30, "alongside of,among"],
  [20, "around"],
  [10, "at"],
  [1, "atop,before,behind,beneath,beside,besides,between,beyond,by,despite,during,except,for,from"],
  [1, "in place of,inside,instead of,into,near,of,on,outside,over,past,since,through,throughout,to,toward"],
  [1, "under,until,up,upon,whithout,with,within"],
);

/** Auxiliaries. */
export const AUXILIARIES: WeightedWords = weighted(
  [1, "do,may,might,shall,will,would,can,could,should,ought to,must,will have to,shall have to"],
  [1, "could have to,should have to,must have to,need to,try to"],
);

/** Terminators, which follow the last word without a space. */
export const TERMINATORS: WeightedWords = weighted([50, "."], [1, ";,:,?,!,--"]);

/** Sentence forms: N noun phrase, V verb phrase, P prepositional phrase; a terminator ends each. */
export const SENTENCES: WeightedWords = weighted([3, "NV,NVP,NVN"], [1, "NPVN,NPVP"]);

/** Noun phrase forms: N noun, J adjective, D adverb; "K" is an adjective with a comma. */
export const NOUN_PHRASES: WeightedWords = weighted([10, "N"], [20, "JN"], [10, "KJN"], [50, "DJN"]);

/** Verb phrase forms: V verb, X auxiliary, D adverb. */
export const VERB_PHRASES: WeightedWords = weighted([30, "V"], [1, "XV"], [40, "VD"], [1, "XVD"]);

function weighted(...runs: readonly (readonly [weight: number, words: string])[]): WeightedWords {
  const encoder = new TextEncoder();
  const words: Uint8Array[] = [];
  const index: number[] = [];
  for (const [weight, list] of runs) {
    for (const word of list.split(",")) {
      for (let i = 0; i < weight; i++) index.push(words.length);
      words.push(encoder.encode(word));
    }
  }
  return { words, index: Uint8Array.from(index) };
}
