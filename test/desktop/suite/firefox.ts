// The cases of the suite that Firefox answers otherwise than Chromium, by what it tells.

/** Why a case of Chromium is none of Firefox. */
export const OTHERWISE: Readonly<Record<string, string>> = {
  'a user field that is too short for the name gets nothing': 'Firefox tells no maxlength: the field is cleared afterwards',
  'a password field that is too short gets nothing, and no name': 'Firefox tells no maxlength: the field is cleared afterwards',
  'of the list of a read-only input the option is chosen': 'Firefox tells of such an input that it can be written: it is no list',
  'the list of a read-only input without the person is closed again': 'Firefox tells of such an input that it can be written: it is no list',
  'a password scaled to nothing is not filled': 'Firefox does not tell of such a field at all',
};
