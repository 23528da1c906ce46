# What `cmake --install BUILD --component vthreads --prefix DIR` puts where: headers, the static library, a CMake
# package (find_package(vthreads)) and a pkg-config file. All of it can be moved.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(vthreads_version 0.1.0)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/vthreads)

target_compile_features(vthreads PUBLIC cxx_std_20)
target_include_directories(vthreads PUBLIC $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
add_library(vthreads::vthreads ALIAS vthreads)

install(TARGETS vthreads EXPORT vthreads
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT vthreads)
install(DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/include/vthreads
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT vthreads FILES_MATCHING PATTERN "*.h")
install(EXPORT vthreads NAMESPACE vthreads:: FILE vthreadsTargets.cmake
  DESTINATION ${package_dir} COMPONENT vthreads)

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/vthreadsConfig.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/vthreadsConfig.cmake INSTALL_DESTINATION ${package_dir}
  NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
# As long as the first number is 0, a new second number may break what was built against the old one.
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/vthreadsConfigVersion.cmake
  VERSION ${vthreads_version} COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/vthreadsConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/vthreadsConfigVersion.cmake
  DESTINATION ${package_dir} COMPONENT vthreads)

file(RELATIVE_PATH vthreads_prefix_from_pc /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" vthreads_prefix_from_pc ${vthreads_prefix_from_pc})
configure_file(${CMAKE_CURRENT_LIST_DIR}/vthreads.pc.in ${CMAKE_CURRENT_BINARY_DIR}/vthreads.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/vthreads.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT vthreads)
