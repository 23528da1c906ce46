// main() of a test program. Catch2 3 brings its own, in the library Catch2::Catch2WithMain.
#if !__has_include(<catch2/catch_all.hpp>)
#pragma GCC diagnostic ignored \
    "-Wmaybe-uninitialized"  // GCC 12 with a sanitizer, inside std::regex
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#endif
