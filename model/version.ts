/** The version of this program: in `version`, in each audit entry, in the API's description. */
export const version = '0.1.0'
